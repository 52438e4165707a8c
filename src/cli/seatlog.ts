#!/usr/bin/env node
/** The `seatlog` program. */
import { createProgram } from './program.ts';

await createProgram().parseAsync();
