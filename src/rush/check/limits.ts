/** Counts what each buyer and each id document has, event by event, against the limits of the program. */
import type { SaleTerms } from '../../domain/sale/index.ts';
import type { Findings } from './findings.ts';

export type Limits = {
  readonly ordered: (what: string, tickets: number, how: string) => void;
  /** Negative when places come back. */
  readonly buyer: (buyer: string, more: number, how: string) => void;
  readonly document: (document: string, more: 1 | -1, how: string) => void;
};

export function createLimits({ limits, oneTicketPerIdDocument }: SaleTerms, findings: Findings): Limits {
  const buyers = new Map<string, number>();
  const documents = new Map<string, number>();
  const wrong = (text: string) => findings.broken('limits', text);
  return {
    ordered: (what, tickets, how) => {
      if (tickets > limits.perOrder)
        wrong(`${what} has ${tickets} tickets, ${limits.perOrder} are allowed (${how})`);
    },
    buyer: (buyer, more, how) => {
      const has = add(buyers, buyer, more);
      if (more > 0 && has > limits.perBuyer) {
        wrong(`buyer ${buyer} has ${has} tickets, ${limits.perBuyer} are allowed (${how})`);
      }
    },
    document: (document, more, how) => {
      const has = add(documents, document, more);
      if (oneTicketPerIdDocument && more > 0 && has > 1) {
        wrong(`id document ${document} has ${has} tickets (${how})`);
      }
    },
  };
}

function add(counts: Map<string, number>, key: string, more: number): number {
  const count = (counts.get(key) ?? 0) + more;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
  return count;
}
