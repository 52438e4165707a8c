/** Every reason an account has to refuse. The codes are shown to clients: never rename one. */

export const accountRefusalCodes = [
  'ticket_user_not_found',
  'ticket_user_id_taken',
  'ticket_user_removed',
  'id_document_already_added',
  'too_many_ticket_users',
  'too_many_ticket_users_ever',
] as const;
export type AccountRefusalCode = (typeof accountRefusalCodes)[number];
