/**
 * What Retort can do as a whole: one class and one settings record, with its defaults, for each job. They print nothing,
 * know no command line, and go on where they were when they were interrupted.
 *
 * <p>Entry types: {@link io.retort.jobs.GenerateJob} (a teacher's replies to contexts), {@link io.retort.jobs.ScoreJob}
 * (its opinion of them), {@link io.retort.jobs.SynthesizeJob} (whole dialogues), {@link io.retort.jobs.EvaluateJob} (how
 * well a student or a teacher tells replies that fit), {@link io.retort.jobs.TrainJob} (a student), {@link
 * io.retort.jobs.TuneJob} (a teacher), {@link io.retort.jobs.ExperimentJob} (a grid of methods and seeds), {@link
 * io.retort.jobs.ReproduceJob} and {@link io.retort.jobs.ExportJob}. The settings are those that {@link
 * io.retort.settings.SettingsCodec} reads and writes.
 *
 * <p>May import every room before it, up to {@code experiment}. Settings may be used from any thread; a job is run by one
 * thread, and stopped by any where it can be.
 */
package io.retort.jobs;
