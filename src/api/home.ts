/** The page behind the address that the engine prints when it starts: what this is and where to go on. */
import { type Endpoint, endpoint, json } from './endpoint.ts';

const LINKS = [
  ['/programs', 'what is sold'],
  ['/openapi.json', 'the description of every endpoint'],
  ['/health/live', 'is the process alive'],
  ['/health/ready', 'can it reach its stores'],
] as const;

const VARY = { vary: 'accept' };

/** Answers a browser with a page and everybody else with JSON. */
export function homeEndpoint(version: string): Endpoint {
  const links = Object.fromEntries(LINKS.map(([path, about]) => [path, about]));
  const page = [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Seatlog</title>',
    `<h1>Seatlog ${version}</h1><p>An event-sourced ticketing engine for flash sales.</p><ul>`,
    ...LINKS.map(([path, about]) => `<li><a href="${path}">${path}</a>: ${about}</li>`),
    '</ul></html>',
  ].join('\n');
  return endpoint({
    method: 'GET',
    path: '/',
    access: 'public',
    summary: 'Says what this is and where to go on.',
    answers: { 200: 'A page for a browser, JSON for a program.' },
    handle: ({ header }) =>
      // Browsers name the type; programs name JSON, anything, or nothing.
      header('accept')?.includes('text/html') === true
        ? { kind: 'bytes', status: 200, contentType: 'text/html; charset=utf-8', bytes: page, headers: VARY }
        : json(200, { name: 'seatlog', version, links }, VARY),
  });
}
