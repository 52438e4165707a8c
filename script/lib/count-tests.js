// Prints "<passed> <failed>" from a vitest JSON report. Besides failed tests, each of these counts as a failure:
// a test file that could not even be loaded, and a run that failed although no test did.
import { readFileSync } from 'node:fs';

const [file = '', status = '1'] = process.argv.slice(2);

function count() {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const files = report.testResults;
  const tests = files.flatMap((result) => result.assertionResults);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failedTests = tests.filter((test) => test.status === 'failed').length;
  const brokenFiles = files.filter(
    (result) =>
      result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return { passed, failed: failedTests + brokenFiles };
}

function countOrNothing() {
  try {
    return count();
  } catch {
    return { passed: 0, failed: 0 };
  }
}

const { passed, failed } = countOrNothing();
const unexplained = status !== '0' && failed === 0;
console.log(passed, unexplained ? 1 : failed);
