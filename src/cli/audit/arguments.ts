/** Ids on the command line: checked before anything is opened. */
import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { orderNumberSchema, programIdSchema, userIdSchema } from '../../domain/shared/ids.ts';

const parsed =
  <Id>(schema: z.ZodType<Id>) =>
  (text: string): Id => {
    const id = schema.safeParse(text);
    if (id.success) return id.data;
    throw new InvalidArgumentError(`must be ${id.error.issues[0]?.message ?? 'an id'}.`);
  };

export const orderNumber = parsed(orderNumberSchema);
export const programId = parsed(programIdSchema);
export const userId = parsed(userIdSchema);
