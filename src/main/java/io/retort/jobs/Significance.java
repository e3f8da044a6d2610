package io.retort.jobs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.distill.TeacherScore;
import io.retort.eval.PairedComparison;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Whether a later row of the table beats an earlier one by more than chance: paired by contexts, by every metric of every
 * test and by the teacher's scores of the chosen replies.
 */
final class Significance {
    private static final long SEED = 20210812;

    private Significance() {}

    /**
     * @param teacher null for none
     */
    static ArrayNode of(List<Row> rows, TeacherOpinion teacher) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (int b = 0; b < rows.size(); b++) {
            for (int a = b + 1; a < rows.size(); a++) compare(rows.get(a), rows.get(b), teacher, all);
        }
        return all;
    }

    private static void compare(Row a, Row b, TeacherOpinion teacher, ArrayNode to) {
        List<Row.Series> ofA = a.tests(), ofB = b.tests();
        for (int i = 0; i < ofA.size(); i++) {
            add(to, a, b, ofA.get(i).key(), PairedComparison.ofShares(ofA.get(i).shares(), ofB.get(i).shares(), SEED));
        }
        if (teacher == null) return;
        for (TeacherScore by : TeacherScore.values()) {
            double[] x = a.scores(teacher, by), y = b.scores(teacher, by);
            int[] both = IntStream.range(0, x.length).filter(i -> !Double.isNaN(x[i]) && !Double.isNaN(y[i])).toArray();
            if (both.length == 0) continue;
            add(to, a, b, "teacher " + by.key(), PairedComparison.ofValues(IntStream.of(both).mapToDouble(i -> x[i])
                    .toArray(), IntStream.of(both).mapToDouble(i -> y[i]).toArray(), SEED));
        }
    }

    private static void add(ArrayNode to, Row a, Row b, String metric, PairedComparison found) {
        ObjectNode node = to.addObject().put("a", a.name()).put("b", b.name()).put("metric", metric).put("n",
                found.n()).put("difference", found.difference());
        node.putArray("ci").add(found.interval().low()).add(found.interval().high());
        node.put("bootstrap_p", found.bootstrapP()).put("wilcoxon_p", found.wilcoxonP()).put("significant",
                found.isSignificant());
    }
}
