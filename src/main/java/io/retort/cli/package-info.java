/**
 * The command line: picocli commands over the other rooms, and the only place that prints to standard output or ends
 * the process.
 *
 * <p>Entry type: {@link io.retort.cli.Main}. Results go to standard output (one JSON object with {@code --json}),
 * progress and messages to standard error. Exit codes: 0 done, 1 failed, 2 bad input or usage.
 *
 * <p>May import every room; no room imports it. One thread, the process's own.
 */
package io.retort.cli;
