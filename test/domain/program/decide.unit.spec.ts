import { describe, test } from 'vitest';
import { type ProgramEvent, type ProgramOutcome, programDecider } from '../../../src/domain/program/index.ts';
import type { DispatchSplit } from '../../../src/domain/shared/dispatch-mode.ts';
import { specificationOf } from '../../support/given.ts';
import {
  cancelled,
  closed,
  closesAtMs,
  details,
  offer,
  opened,
  opensAtMs,
  programId,
  published,
  publishedAtMs,
  scheduled,
  showsAtMs,
} from './fixtures.ts';

const given = specificationOf(programDecider);
const is = (kind: Exclude<ProgramOutcome['kind'], 'refused'>): ProgramOutcome => ({ kind });
const refused = (code: Extract<ProgramOutcome, { kind: 'refused' }>['code']): ProgramOutcome => ({
  kind: 'refused',
  code,
});

const publish = { type: 'PublishProgram', programId, details, offer, nowMs: publishedAtMs } as const;
const schedule = { type: 'ScheduleSale', programId, opensAtMs, closesAtMs, nowMs: publishedAtMs } as const;
const open = { type: 'OpenSale', programId, nowMs: opensAtMs } as const;
const close = { type: 'CloseSale', programId, nowMs: closesAtMs, reason: 'schedule' } as const;
const cancel = { type: 'CancelProgram', programId, nowMs: opensAtMs, reason: 'storm' } as const;
const revise = { type: 'ReviseProgram', programId, details, offer, nowMs: publishedAtMs } as const;
const dispatch = { type: 'ChangeDispatchMode', programId, split: null, nowMs: opensAtMs } as const;

const later = { ...details, showsAtMs: showsAtMs + 1 };
const elsewhere = {
  ...offer,
  ticketCategories: offer.ticketCategories.map((category) => ({
    ...category,
    priceMinor: category.priceMinor,
  })),
  layoutRef: 'hall-9000',
};

describe('publishing', () => {
  test('a program is published once', () => {
    given().when(publish).then(is('published'), [published]);
  });

  test('the same publication again changes nothing', () => {
    given(published).when(publish).then(is('published'));
  });

  test('another publication under the same id is refused', () => {
    given(published)
      .when({ ...publish, details: later })
      .then(refused('program_already_published'));
  });

  test.each([revise, schedule, open, close, cancel, dispatch])(
    '$type needs a published program',
    (command) => {
      given().when(command).then(refused('program_not_found'));
    },
  );
});

describe('revising', () => {
  test('an unscheduled program may change as a whole', () => {
    given(published)
      .when({ ...revise, details: later, offer: elsewhere })
      .then(is('revised'), [
        {
          type: 'ProgramRevised',
          data: { programId, details: later, offer: elsewhere, revisedAtMs: publishedAtMs },
        },
      ]);
  });

  test('what says the same is no revision', () => {
    given(published).when(revise).then(is('revised'));
  });

  test('once a sale is scheduled, its categories and prices stay, and the rest may change', () => {
    given(published, scheduled)
      .when({ ...revise, offer: elsewhere })
      .then(refused('offer_is_fixed'));
    given(published, scheduled, opened)
      .when({ ...revise, details: later })
      .then(is('revised'), [
        {
          type: 'ProgramRevised',
          data: { programId, details: later, offer, revisedAtMs: publishedAtMs },
        },
      ]);
  });

  test('a show is not moved before the end of its sale', () => {
    given(published, scheduled)
      .when({ ...revise, details: { ...details, showsAtMs: closesAtMs - 1 } })
      .then(refused('sale_ends_after_the_show'));
  });
});

describe('scheduling the sale', () => {
  test('a published program is given a window', () => {
    given(published).when(schedule).then(is('scheduled'), [scheduled]);
  });

  test('the same window again changes nothing, whatever became of the sale', () => {
    given(published, scheduled).when(schedule).then(is('scheduled'));
    given(published, scheduled, opened, closed).when(schedule).then(is('scheduled'));
  });

  test('another window replaces it until the sale opens', () => {
    const moved = { ...schedule, opensAtMs: opensAtMs + 1 };
    const data = { programId, opensAtMs: opensAtMs + 1, closesAtMs };
    given(published, scheduled)
      .when(moved)
      .then(is('scheduled'), [{ type: 'SaleScheduled', data }]);
    given(published, scheduled, opened).when(moved).then(refused('sale_already_open'));
    given(published, scheduled, opened, closed).when(moved).then(refused('sale_already_closed'));
  });

  test('the window is a real one', () => {
    const publishedOnly = given(published);
    publishedOnly.when({ ...schedule, closesAtMs: opensAtMs }).then(refused('sale_ends_before_it_begins'));
    publishedOnly.when({ ...schedule, nowMs: closesAtMs }).then(refused('sale_ends_in_the_past'));
    publishedOnly.when({ ...schedule, closesAtMs: showsAtMs + 1 }).then(refused('sale_ends_after_the_show'));
  });
});

describe('opening and closing the sale', () => {
  test('it opens inside its window, once', () => {
    given(published, scheduled).when(open).then(is('opened'), [opened]);
    given(published, scheduled, opened).when(open).then(is('opened'));
  });

  test('it opens neither before nor after its window, nor without one', () => {
    given(published).when(open).then(refused('sale_not_scheduled'));
    given(published, scheduled)
      .when({ ...open, nowMs: opensAtMs - 1 })
      .then(refused('sale_not_due'));
    given(published, scheduled)
      .when({ ...open, nowMs: closesAtMs })
      .then(refused('sale_window_passed'));
    given(published, scheduled, opened, closed).when(open).then(refused('sale_already_closed'));
  });

  test('it closes by its schedule when the time has come, once', () => {
    given(published, scheduled, opened).when(close).then(is('closed'), [closed]);
    given(published, scheduled, opened, closed).when(close).then(is('closed'));
    given(published, scheduled, opened)
      .when({ ...close, nowMs: closesAtMs - 1 })
      .then(refused('sale_not_due'));
  });

  test('an operator closes it at any time, even before it opened', () => {
    const data = { programId, closedAtMs: publishedAtMs, reason: 'operator' } as const;
    given(published, scheduled)
      .when({ ...close, reason: 'operator', nowMs: publishedAtMs })
      .then(is('closed'), [{ type: 'SaleClosed', data }]);
    given(published).when(close).then(refused('sale_not_scheduled'));
  });
});

describe('cancelling', () => {
  test.each([
    ['published', [published]],
    ['scheduled', [published, scheduled]],
    ['open', [published, scheduled, opened]],
    ['closed', [published, scheduled, opened, closed]],
  ])('a %s program may be cancelled', (_, history) => {
    given(...history)
      .when(cancel)
      .then(is('cancelled'), [cancelled]);
  });

  test('cancelling again changes nothing', () => {
    given(published, cancelled)
      .when({ ...cancel, reason: 'another' })
      .then(is('cancelled'));
  });

  test.each([revise, schedule, open, close, dispatch])('$type is too late then', (command) => {
    given(published, scheduled, cancelled).when(command).then(refused('program_cancelled'));
  });
});

describe('the dispatch mode', () => {
  const split: DispatchSplit = [
    { mode: 'v3', weight: 9 },
    { mode: 'v4', weight: 1 },
  ];
  const changed: ProgramEvent = { type: 'DispatchModeChanged', data: { programId, split } };

  test('changes while the sale runs', () => {
    given(published, scheduled, opened)
      .when({ ...dispatch, split })
      .then(is('dispatch_changed'), [changed]);
  });

  test('set to what it is changes nothing', () => {
    given(published).when(dispatch).then(is('dispatch_changed'));
    given(published, changed)
      .when({ ...dispatch, split })
      .then(is('dispatch_changed'));
  });

  test('goes back to the setting of the engine', () => {
    given(published, changed)
      .when(dispatch)
      .then(is('dispatch_changed'), [{ type: 'DispatchModeChanged', data: { programId, split: null } }]);
  });
});
