/** What two buyers have in common whose ids were searched for until they had one key: less than they would like. */
import { describe, expect, it } from 'vitest';
import { keyOfBuyer } from '../../../src/domain/sale/keys.ts';
import { given, idOf, people, placeOrder, started } from './fixtures.ts';

/** Found in twenty minutes of a processor. */
const VICTIM = idOf.user('zfi6veq5tchvf');
const TWIN = idOf.user('wisdrltxkfjwn');

const first = placeOrder({ buyer: VICTIM });
const second = placeOrder({
  ...{ buyer: TWIN, orderNumber: idOf.order(2), requestId: idOf.request(2), ticketUsers: people(3) },
  want: { by: 'seats', seats: [4] },
});

describe('Two buyers with one key', () => {
  it('can be found by whoever chooses ids, so ids must be given and not chosen', () => {
    expect(keyOfBuyer(TWIN)).toEqual(keyOfBuyer(VICTIM));
  });

  it('share one limit: together they get no more than one of them', () => {
    const open = started({ limits: { perOrder: 2, perBuyer: first.ticketUsers.length } });
    given(open, ...given(open).when(first).decision.events)
      .when(second)
      .then({ kind: 'refused', code: 'limit_per_buyer' });
  });
});
