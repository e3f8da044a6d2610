/**
 * What Retort does in one go, from files to files: one class and one settings record, with its defaults, for each job.
 * The command line runs these, and so may a program.
 *
 * <p>Entry types: {@link io.retort.jobs.GenerateJob} (a teacher's replies to contexts), {@link io.retort.jobs.ScoreJob}
 * (its opinion of them), {@link io.retort.jobs.SynthesizeJob} (whole dialogues), {@link io.retort.jobs.EvaluateJob} (how
 * well a student or a teacher tells replies that fit), {@link io.retort.jobs.IndexJob} (response indexes out of data).
 *
 * <p>May import every room before it, up to {@code experiment}. Settings are immutable; a job may run from any thread,
 * one at a time for each output.
 */
package io.retort.jobs;
