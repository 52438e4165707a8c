/** `seatlog ticket`: checks a ticket's code at a door without any connection, and prints the key to do so. */
import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { ConfigError, readConfig } from '../config.ts';
import { secretOf } from '../secrets.ts';
import { type PublicKey, parsePublicKey, publicKeyPem, publicKeyText, signingKeyOf } from '../signing.ts';
import { type TicketFacts, verifyTicket } from '../tickets/code.ts';
import { exitCodes } from './exit.ts';

/** Never the exit code of a ticket that is not genuine. */
const WRONG_USE = { exitCode: exitCodes.usage };

const VERIFY_HELP = `
Examples:
  $ seatlog ticket verify AQIEc2Vh…                         on the machine of the engine
  $ seatlog ticket verify AQIEc2Vh… --public-key door.pem   anywhere else; the key is from "seatlog ticket key --pem"

A code says nothing about a refund since.

Exit codes: 0 signed by this key, 1 not, 2 wrong usage or settings.`;

const KEY_HELP = `
Examples:
  $ seatlog ticket key
  $ seatlog ticket key --pem > door.pem

Exit codes: 0 printed, 2 wrong usage or settings, or there is no key here.`;

export const ticketCommand = (): Command =>
  new Command('ticket')
    .description('check tickets, without any connection to the engine')
    .addCommand(verifyCommand())
    .addCommand(keyCommand());

const verifyCommand = (): Command =>
  new Command('verify')
    .description('check the signature of a ticket’s code and print what it says')
    .argument('<code>', 'what the QR code says')
    .option('--public-key <file|base64>', 'the key to check with (default: of the embedded set-up)')
    .addHelpText('after', VERIFY_HELP)
    .action((code: string, { publicKey }: { publicKey?: string }, command: Command) => {
      const key = publicKey === undefined ? ownKey(command) : givenKey(publicKey, command);
      const verdict = verifyTicket(key, code);
      if (verdict.kind === 'refused') {
        console.error(`${verdict.code}: ${sentences[verdict.code]}`);
        process.exitCode = exitCodes.bad;
        return;
      }
      console.log(told(verdict.ticket, key));
    });

const keyCommand = (): Command =>
  new Command('key')
    .description('print the public key that checks tickets')
    .option('--pem', 'as PEM instead of base64', false)
    .addHelpText('after', KEY_HELP)
    .action(({ pem }: { pem: boolean }, command: Command) => {
      const key = ownKey(command);
      console.log(pem ? publicKeyPem(key).trimEnd() : publicKeyText(key));
    });

const sentences = {
  ticket_malformed: 'This is not the code of a ticket.',
  ticket_key_unknown: 'The ticket was signed with another key.',
  ticket_signature_invalid: 'The signature does not fit what the ticket says.',
} as const;

const ownKey = (command: Command): PublicKey => {
  try {
    const secret = secretOf(readConfig(process.env), 'SEATLOG_TICKET_KEY');
    if (secret !== undefined) return signingKeyOf(secret).publicKey;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    command.error(error.message, WRONG_USE);
  }
  const missing = 'error: there is no ticket key here: set SEATLOG_TICKET_KEY or name --public-key';
  return command.error(missing, WRONG_USE);
};

const givenKey = (fileOrText: string, command: Command): PublicKey => {
  const text = existsSync(fileOrText) ? readFileSync(fileOrText, 'utf8') : fileOrText;
  const parsed = parsePublicKey(text);
  if (parsed.kind === 'valid') return parsed.key;
  return command.error('error: the public key must be a file or the base64 of 32 bytes', WRONG_USE);
};

const placeOf = ({ seat }: TicketFacts): string => {
  if (seat === null) return 'none: general admission';
  const names = [seat.section, seat.row, seat.seat].filter((part) => part !== '');
  return `${names.join(' / ')} (number ${seat.number})`;
};

const told = (ticket: TicketFacts, key: PublicKey): string => {
  const lines = [
    ['Program', ticket.programId],
    ['Order', ticket.orderNumber],
    ['Ticket', String(ticket.index)],
    ['Category', ticket.categoryId],
    ['Seat', placeOf(ticket)],
    ['Ticket user', ticket.ticketUserRef],
    ['Signed by', key.id],
  ] as const;
  return ['The ticket is genuine.', ...lines.map(([name, value]) => `  ${name.padEnd(12)} ${value}`)].join(
    '\n',
  );
};
