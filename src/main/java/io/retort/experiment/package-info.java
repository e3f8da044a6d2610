/**
 * The experiment that shows what distillation is worth: a grid of methods and seeds, what is measured of each model, and
 * the report on them.
 *
 * <p>Entry types: {@link io.retort.experiment.Cell} (one training run), {@link io.retort.experiment.ExperimentFolder}
 * (where everything is kept), {@link io.retort.experiment.Measuring} (tests, replies and latency of a model), {@link
 * io.retort.experiment.TeacherOpinion} (the teacher's part), {@link io.retort.experiment.Report} (the numbers) and {@link
 * io.retort.experiment.ReportPage} (the page).
 *
 * <p>May import every room before it, up to {@code reply}.
 */
package io.retort.experiment;
