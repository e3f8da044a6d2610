/**
 * How good a model is, from the scores and replies it gave: ranking metrics, diversity, length, latency, each with a 95
 * % confidence interval, and whether two models differ by more than chance. Pure functions, but for those that run a
 * model: {@link io.retort.eval.RankingRun}, {@link io.retort.eval.TeacherJudgement}, {@link io.retort.eval.ScoredReplies}
 * and {@link io.retort.eval.TimedAnswers}.
 *
 * <p>Entry types: {@link io.retort.eval.RankingReport} (ranking tests), {@link io.retort.eval.RankingCases} (ranking
 * tests out of dialogues), {@link io.retort.eval.PairedComparison} (two models), {@link io.retort.eval.Share} (how many of some trials), {@link io.retort.eval.DistinctNgrams},
 * {@link io.retort.eval.ReplyLength}, {@link io.retort.eval.Latency}.
 *
 * <p>May import {@code files}, {@code dialogue}, {@code text}, {@code graph}, {@code retrieval}, {@code store}, {@code search}, {@code generate},
 * {@code teacher} and {@code distill}. Everything may be used from any thread.
 */
package io.retort.eval;
