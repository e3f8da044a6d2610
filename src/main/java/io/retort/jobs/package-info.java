/**
 * Jobs: what the commands do, for programs. Each job is one class with one record of settings, with its defaults.
 *
 * <p>Entry types: {@link io.retort.jobs.IndexJob} (response indexes out of data).
 *
 * <p>May import every room before it. A job belongs to one thread at a time; settings are immutable.
 */
package io.retort.jobs;
