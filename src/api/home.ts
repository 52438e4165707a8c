/** The page behind the address that the engine prints when it starts: what this is and where to go on. */
import type { RequestHandler } from 'express';

const LINKS = [
  ['/health/live', 'is the process alive'],
  ['/health/ready', 'can it reach its stores'],
] as const;

/** Answers a browser with a page and everybody else with JSON. */
export function homePage(version: string): RequestHandler {
  const links = Object.fromEntries(LINKS.map(([path, about]) => [path, about]));
  const page = [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Seatlog</title>',
    `<h1>Seatlog ${version}</h1><p>An event-sourced ticketing engine for flash sales.</p><ul>`,
    ...LINKS.map(([path, about]) => `<li><a href="${path}">${path}</a>: ${about}</li>`),
    '</ul></html>',
  ].join('\n');
  return (request, response) => {
    if (request.accepts(['json', 'html']) === 'html') response.type('html').send(page);
    else response.json({ name: 'seatlog', version, links });
  };
}
