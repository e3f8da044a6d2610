package io.retort.model;

import java.util.ArrayList;
import java.util.List;

/**
 * How the tensors of a file fit a model.
 *
 * @param mapped parameters of the model that found their tensor
 * @param unused tensors of a kind known to be of no use to an encoder (BERT's pooler, say)
 * @param missing parameters without a tensor
 * @param unexpected tensors that nothing asked for
 * @param mismatched parameters whose tensor has another shape or is not of floats, with both
 * @param notFinite parameters with NaN or infinite elements
 */
public record WeightReport(List<String> mapped, List<String> unused, List<String> missing, List<String> unexpected,
        List<String> mismatched, List<String> notFinite) {

    /** Whether the model is complete and the file holds nothing unexplained. */
    public boolean isClean() {
        return isUsable() && unexpected.isEmpty();
    }

    /** Whether the model is complete. */
    public boolean isUsable() {
        return missing.isEmpty() && mismatched.isEmpty() && notFinite.isEmpty();
    }

    /** For people: the counts, and each problem on a line. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(mapped.size() + " mapped, " + unused.size() + " unused, " + missing.size() + " missing, "
                + unexpected.size() + " unexpected, "
                + mismatched.size() + " of another shape, " + notFinite.size() + " not finite");
        list("missing: ", missing, lines);
        list("unexpected: ", unexpected, lines);
        list("shape: ", mismatched, lines);
        list("not finite: ", notFinite, lines);
        return lines;
    }

    private static void list(String label, List<String> names, List<String> lines) {
        for (String name : names) lines.add("  " + label + name);
    }
}
