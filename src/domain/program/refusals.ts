/** Every reason a program has to refuse. The codes are shown to clients: never rename one. */

export const programRefusalCodes = [
  'program_not_found',
  'program_already_published',
  'program_cancelled',
  'offer_is_fixed',
  'sale_ends_before_it_begins',
  'sale_ends_in_the_past',
  'sale_ends_after_the_show',
  'sale_not_scheduled',
  'sale_not_due',
  'sale_window_passed',
  'sale_already_open',
  'sale_already_closed',
] as const;
export type ProgramRefusalCode = (typeof programRefusalCodes)[number];
