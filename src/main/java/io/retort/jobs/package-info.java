/**
 * What Retort does in one go, from files to files: one class and one settings record, with its defaults, for each job.
 * They print nothing, know no command line, and can be stopped and resumed. The command line runs these, and so may a
 * program.
 *
 * {@snippet :
 * GenerateSettings settings = GenerateSettings.defaults().withTeacher(Path.of("model.gguf"))
 *         .withData(List.of(Path.of("talks.jsonl")));
 * try (Retort retort = Retort.open()) {
 *     GenerateJob job = new GenerateJob(settings, Path.of("distilled.jsonl.gz"));
 *     System.out.println(job.run(retort.runtime(), RecordsListener.none()).counts());
 * }
 * }
 *
 * <p>Entry types: {@link io.retort.jobs.ConvertJob} (others' files into ours), {@link io.retort.jobs.IndexJob} (response indexes), {@link io.retort.jobs.GenerateJob} (a
 * teacher's replies to contexts), {@link io.retort.jobs.ScoreJob} (its opinion of them),
 * {@link io.retort.jobs.SynthesizeJob} (whole dialogues), {@link io.retort.jobs.MineJob} (hard negatives), {@link io.retort.jobs.TrainJob} (a
 * student), {@link io.retort.jobs.TuneJob} (a teacher), {@link io.retort.jobs.EvaluateJob} (how well either tells replies
 * that fit), {@link io.retort.jobs.ExperimentJob} (a grid of methods
 * and seeds, what is measured of each model, and the report), {@link io.retort.jobs.DistillJob} (several of these in a row, from logs to a bot), {@link io.retort.jobs.StudyPlanJob} and
 * {@link io.retort.jobs.StudyReportJob} (human evaluation), {@link io.retort.jobs.ReproduceJob} and {@link io.retort.jobs.ExportJob}. {@code SettingsCodec} reads and writes the settings.
 *
 * <p>May import every room before it, up to {@code study}. Settings may be used from any thread; a job is run by one
 * thread, one at a time for each output, and stopped by any.
 */
package io.retort.jobs;
