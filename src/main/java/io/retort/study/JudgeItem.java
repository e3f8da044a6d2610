package io.retort.study;

import java.util.List;

/**
 * What a judge gets to see of an item: no system, no context's id, nothing that tells a check from others.
 *
 * @param id       to vote by
 * @param question what is asked
 * @param before   what was said before; empty where whole conversations are judged
 * @param options  what is judged: one, or two to choose from, the left one first
 * @param choices  the answers that may be given
 * @param done     items that the judge has voted on
 * @param total    items that the judge has in all
 */
public record JudgeItem(String id, String question, List<Said> before, List<List<Said>> options,
        List<StudyForm.Choice> choices, int done, int total) {
    static JudgeItem of(StudyItem item, StudyPlan plan, int done, int total) {
        return new JudgeItem(item.id(), plan.question(), item.before(),
                item.shown().stream().map(StudyItem.Shown::said).toList(), plan.form().choices(), done, total);
    }
}
