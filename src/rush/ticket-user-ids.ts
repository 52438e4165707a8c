/**
 * The ids of everybody's ticket users in one buffer: two and a half million of them would be too many
 * strings.
 */

export type TicketUserIds = {
  /** As many as the buyer's party; throws for another count. */
  readonly set: (buyer: number, ids: readonly string[]) => void;
  /** Throws for a buyer whose ids were never set. */
  readonly of: (buyer: number) => readonly string[];
};

const FIRST_WIDTH = 36;

export function createTicketUserIds(buyers: number, partyOf: (buyer: number) => number): TicketUserIds {
  const firsts = new Uint32Array(buyers + 1);
  for (let buyer = 0; buyer < buyers; buyer += 1) {
    firsts[buyer + 1] = (firsts[buyer] ?? 0) + partyOf(buyer);
  }
  const total = firsts[buyers] ?? 0;
  let width = FIRST_WIDTH;
  let bytes = Buffer.alloc(total * width);

  const widen = (wanted: number): void => {
    const wider = Buffer.alloc(total * wanted);
    for (let slot = 0; slot < total; slot += 1) {
      bytes.copy(wider, slot * wanted, slot * width, (slot + 1) * width);
    }
    bytes = wider;
    width = wanted;
  };
  const textAt = (slot: number): string => {
    const end = bytes.indexOf(0, slot * width);
    const last = (slot + 1) * width;
    return bytes.toString('latin1', slot * width, end === -1 || end > last ? last : end);
  };
  return {
    set: (buyer, ids) => {
      const first = firsts[buyer] ?? 0;
      const party = (firsts[buyer + 1] ?? 0) - first;
      if (ids.length !== party)
        throw new Error(`Buyer ${buyer} comes with ${party}, not with ${ids.length}.`);
      for (const [index, id] of ids.entries()) {
        if (id.length > width) widen(id.length);
        const at = (first + index) * width;
        bytes.fill(0, at, at + width);
        bytes.write(id, at, 'latin1');
      }
    },
    of: (buyer) => {
      const ids: string[] = [];
      const until = firsts[buyer + 1] ?? 0;
      for (let slot = firsts[buyer] ?? 0; slot < until; slot += 1) ids.push(textAt(slot));
      if (ids.length === 0 || ids.includes('')) throw new Error(`Buyer ${buyer} has no ticket users.`);
      return ids;
    },
  };
}
