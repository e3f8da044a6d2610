/**
 * Human evaluation: a plan of blinded items, the votes of judges, which survive a kill, and what the votes say, with
 * intervals, agreement and the judgements that are still needed.
 *
 * {@snippet :
 * Path plan = Path.of("study.jsonl");
 * try (Study study = Study.open(plan, Study.votesBeside(plan))) {
 *     JudgeItem item = study.next("anna").orElseThrow();
 *     study.vote("anna", item.id(), item.choices().getFirst().answer());
 * }
 * }
 *
 * <p>Entry types: {@link io.retort.study.StudyPlanner} (makes a plan), {@link io.retort.study.StudyPlan} (and its file),
 * {@link io.retort.study.Study} (hands items to judges and keeps their votes), {@link io.retort.study.VotesFile},
 * {@link io.retort.study.StudyReport} (what came of it), {@link io.retort.study.SelfChat} (a bot talks to itself),
 * {@link io.retort.study.AcutePairings} (pairings of ACUTE-Eval).
 *
 * <p>May import {@code files}, {@code dialogue}, {@code eval} and {@code reply}. A study may be used from any thread,
 * by many judges at once; everything else is immutable or of static methods, but for files, which belong to one thread.
 */
package io.retort.study;
