/**
 * A consumer as Seatlog's own: it keeps its last position and resumes from it after every loss. It fails on the first
 * event that is out of order, missing or repeated.
 */
import {
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  type Position,
  type ResolvedEvent,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { eventOf, positionOf } from './streams.ts';

const SEEN_TIMEOUT_MS = 30_000;

type Source = { readonly prefix: string } | { readonly stream: string };

export class ResumingConsumer {
  readonly #source: Source;
  readonly #ids = new Map<string, string[]>();
  #count = 0;
  #position: Position | undefined;
  #revision: bigint | undefined;
  #lost: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => undefined;
  #wrong: Error | undefined;
  #onEvent: () => void = () => undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  resume(client: EventStoreDBClient): void {
    const subscription =
      'prefix' in this.#source
        ? client.subscribeToAll({
            fromPosition: this.#position ?? START,
            filter: streamNameFilter({ prefixes: [this.#source.prefix] }),
          })
        : client.subscribeToStream(this.#source.stream, { fromRevision: this.#revision ?? START });
    subscription.on('data', (entry: ResolvedEvent | AllStreamResolvedEvent) => this.#take(entry));
    this.#lost = new Promise((done) => subscription.once('error', () => done()));
    this.#unsubscribe = () => void subscription.unsubscribe();
  }

  #take(entry: ResolvedEvent | AllStreamResolvedEvent): void {
    const event = eventOf(entry);
    const ids = this.#ids.get(event.streamId) ?? [];
    if (event.revision !== BigInt(ids.length)) {
      this.#wrong ??= new Error(`${event.streamId}: ${event.revision} came where ${ids.length} was due.`);
    }
    const position = positionOf(event);
    if (this.#position && position.commit <= this.#position.commit) {
      this.#wrong ??= new Error(`Position ${position.commit} came after ${this.#position.commit}.`);
    }
    ids.push(event.id);
    this.#ids.set(event.streamId, ids);
    this.#position = position;
    this.#revision = event.revision;
    this.#count += 1;
    this.#onEvent();
  }

  /** Resolves when the server has gone away under this consumer. */
  async lost(): Promise<void> {
    await this.#lost;
    if (this.#wrong) throw this.#wrong;
  }

  async seen(count: number): Promise<void> {
    await new Promise<void>((done, fail) => {
      const late = (): void => fail(this.#wrong ?? new Error(`Saw ${this.#count} events of ${count}.`));
      const timer = setTimeout(late, SEEN_TIMEOUT_MS);
      this.#onEvent = () => {
        if (this.#count < count) return;
        clearTimeout(timer);
        done();
      };
      this.#onEvent();
    });
    if (this.#wrong) throw this.#wrong;
  }

  idsOf(stream: string): string[] {
    return this.#ids.get(stream) ?? [];
  }

  stop(): void {
    this.#unsubscribe();
  }
}
