/** The calls that a crowd makes, as functions: what goes out, and what of the answer counts. */
import { z } from 'zod';
import type { Person } from './crowd.ts';
import type { Answer, Http, Request } from './http.ts';
import { insist, type Patience } from './insist.ts';
import type { TokenFor } from './tokens.ts';

const OPERATOR = 'rush-operator';
const CREATED = 201;
const QUEUED = 202;
const ERRORS_FROM = 400;
const SERVER_ERRORS_FROM = 500;

/** The engine answered something that this step of the run cannot go on with. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
  readonly status: number;
  readonly code: string;

  constructor(doing: string, answer: Answer) {
    const code = codeOf(answer);
    super(`${doing}: the engine answered ${answer.status} ${code} ${detailOf(answer)}`.trim());
    this.status = answer.status;
    this.code = code;
  }
}

const orderNumber = z.string().regex(/^[1-9]\d{0,18}$/);
const placedAnswer = z.object({ orderNumber, tickets: z.array(z.unknown()) });
const queuedAnswer = z.object({ orderNumber });
const statusAnswer = z.object({
  status: z.string(),
  refusal: z.string().nullish(),
  repeats: orderNumber.nullish(),
});
const payAnswer = z.object({ payUrl: z.string() });
const idAnswer = z.object({ ticketUserId: z.string() });
const idsAnswer = z.object({ ticketUsers: z.array(idAnswer) });
const importAnswer = z.object({
  buyers: z.array(z.object({ userId: z.string(), ticketUserIds: z.array(z.string()) })),
});
const stockSchema = z.array(
  z.object({ categoryId: z.string(), capacity: z.int(), held: z.int(), sold: z.int() }),
);
const programAnswer = z.object({
  stock: stockSchema,
  limits: z.object({ perOrder: z.int() }).optional(),
  paymentTtlMs: z.int().optional(),
});
export type ProgramNow = z.infer<typeof programAnswer>;

export type OrderAnswer =
  | { readonly kind: 'placed'; readonly orderNumber: string; readonly tickets: number }
  | { readonly kind: 'queued'; readonly orderNumber: string; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'failed'; readonly code: string };

export type StatusAnswer = {
  readonly status: string;
  readonly refusal: string | undefined;
  /** The order that the same request had led to before, for one that is `repeated`. */
  readonly repeats: string | undefined;
  readonly retryAfterMs: number | undefined;
};

export type EngineApi = ReturnType<typeof createEngineApi>;

/** Each call rejects with `ConnectionLost` or `UnexpectedAnswer`, except where its answer says otherwise. */
export function createEngineApi(http: Pick<Http, 'send'>, tokenFor: TokenFor, patience: Patience) {
  const send = (request: Request, own: Patience = patience) => insist(http, request, own);
  const operator = () => tokenFor(OPERATOR, 'operator');
  const need = async <T>(doing: string, schema: z.ZodType<T>, request: Request): Promise<T> => {
    const answer = await send(request);
    const parsed = answer.status < ERRORS_FROM ? schema.safeParse(answer.body) : undefined;
    if (parsed?.success !== true) throw new UnexpectedAnswer(doing, answer);
    return parsed.data;
  };
  return {
    publish: (program: object) =>
      need('Publishing the program', z.object({ programId: z.string() }), {
        ...{ method: 'POST', path: '/programs', token: operator(), body: program },
      }),
    /** Says whether it was opened now; that it is open already, or opens by itself, is no error. */
    open: async (programId: string): Promise<boolean> => {
      const path = `/programs/${programId}/open`;
      const answer = await send({ method: 'POST', path, token: operator() });
      if (answer.status >= SERVER_ERRORS_FROM) throw new UnexpectedAnswer('Opening the sale', answer);
      return answer.status < ERRORS_FROM;
    },
    program: (programId: string) =>
      need('Reading the program', programAnswer, { method: 'GET', path: `/programs/${programId}` }),
    importTicketUsers: async (buyers: readonly { userId: string; ticketUsers: readonly Person[] }[]) =>
      (
        await need('Importing ticket users', importAnswer, {
          ...{ method: 'POST', path: '/ticket-users/import', token: operator(), body: { buyers } },
        })
      ).buyers,
    addTicketUser: async (userId: string, person: Person) =>
      (
        await need('Adding a ticket user', idAnswer, {
          ...{ method: 'POST', path: '/ticket-users', token: tokenFor(userId), body: person },
        })
      ).ticketUserId,
    ticketUsers: async (userId: string) => {
      const request = { method: 'GET', path: '/ticket-users', token: tokenFor(userId) } as const;
      const { ticketUsers } = await need('Reading ticket users', idsAnswer, request);
      return ticketUsers.map(({ ticketUserId }) => ticketUserId);
    },
    /** Never rejects but for a lost connection; `onRetry` is for this call alone. */
    order: async (
      path: string,
      userId: string,
      idempotencyKey: string,
      body: object,
      own: Patience,
    ): Promise<OrderAnswer> => {
      const token = tokenFor(userId);
      return orderAnswer(await send({ method: 'POST', path, token, idempotencyKey, body }, own));
    },
    status: async (userId: string, number: string): Promise<StatusAnswer> => {
      const path = `/orders/${number}/status`;
      const answer = await send({ method: 'GET', path, token: tokenFor(userId) });
      const parsed = answer.status < ERRORS_FROM ? statusAnswer.safeParse(answer.body) : undefined;
      if (parsed?.success !== true) throw new UnexpectedAnswer('Reading the status of an order', answer);
      const { status, refusal, repeats } = parsed.data;
      return {
        status,
        refusal: refusal ?? undefined,
        repeats: repeats ?? undefined,
        retryAfterMs: answer.retryAfterMs,
      };
    },
    /** Pays as the customer does: asks for the provider's page, and presses the button there. */
    pay: async (userId: string, number: string): Promise<void> => {
      const path = `/orders/${number}/pay`;
      const asked = { method: 'POST', path, token: tokenFor(userId) } as const;
      const page = await unlessDone('order_already_paid', () => need('Asking to pay', payAnswer, asked));
      if (page === undefined) return;
      const { payUrl } = page;
      const answer = await send({ method: 'POST', path: `${pathOf(payUrl)}/pay` });
      if (answer.status >= ERRORS_FROM) throw new UnexpectedAnswer('Paying', answer);
    },
    cancel: async (userId: string, number: string): Promise<void> => {
      const path = `/orders/${number}/cancel`;
      const request = { method: 'POST', path, token: tokenFor(userId) } as const;
      await unlessDone('order_cancelled', () => need('Cancelling', z.unknown(), request));
    },
    projections: async (): Promise<unknown> =>
      need('Reading the projections', z.unknown(), {
        ...{ method: 'GET', path: '/operations/projections', token: operator() },
      }),
  };
}

/** Undefined when the answer to an earlier try was lost and it is done. */
async function unlessDone<T>(doneCode: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof UnexpectedAnswer && error.code === doneCode) return undefined;
    throw error;
  }
}

function orderAnswer(answer: Answer): OrderAnswer {
  const { status, body, retryAfterMs } = answer;
  if (status === CREATED) {
    const placed = placedAnswer.safeParse(body);
    if (placed.success) {
      return { kind: 'placed', orderNumber: placed.data.orderNumber, tickets: placed.data.tickets.length };
    }
  }
  if (status === QUEUED) {
    const queued = queuedAnswer.safeParse(body);
    if (queued.success) return { kind: 'queued', orderNumber: queued.data.orderNumber, retryAfterMs };
  }
  const kind = status >= ERRORS_FROM && status < SERVER_ERRORS_FROM ? 'refused' : 'failed';
  return { kind, code: codeOf(answer) };
}

function codeOf({ status, body }: Answer): string {
  const parsed = z.object({ code: z.string() }).safeParse(body);
  return parsed.success ? parsed.data.code : `http_${status}`;
}

function detailOf({ body }: Answer): string {
  const parsed = z.object({ title: z.string().optional(), detail: z.string().optional() }).safeParse(body);
  return parsed.success ? [parsed.data.title, parsed.data.detail].filter(Boolean).join(' ') : '';
}

/** The page may be named by its address or by its path; it is this engine's either way. */
function pathOf(payUrl: string): string {
  return payUrl.startsWith('/') ? payUrl : new URL(payUrl).pathname;
}
