package io.retort.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reports how the tensors of a file fit the parameters of a model, for people and for deciding whether to import.
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
    /** The most lines for one kind of problem, since a model has hundreds of tensors. */
    private static final int MOST_LINES = 3;
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    /** Returns whether the model is complete and the file holds nothing unexplained. */
    public boolean isClean() {
        return isUsable() && unexpected.isEmpty();
    }

    /** Returns whether the model is complete, whatever else the file holds. */
    public boolean isUsable() {
        return missing.isEmpty() && mismatched.isEmpty() && notFinite.isEmpty();
    }

    /**
     * Returns lines for people: the counts, and a few lines for each kind of problem; names that differ only in their
     * numbers share a line.
     */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(mapped.size() + " mapped, " + unused.size() + " unused, " + missing.size() + " missing, "
                + unexpected.size() + " unexpected, "
                + mismatched.size() + " of another shape, " + notFinite.size() + " not finite");
        Optional<String> wrapper = unknownWrapper();
        if (wrapper.isEmpty()) {
            list("missing: ", missing, lines);
            list("unexpected: ", unexpected, lines);
        }
        list("shape: ", mismatched, lines);
        list("not finite: ", notFinite, lines);
        wrapper.ifPresent(prefix -> lines.add("  all that is missing is there with names that begin with \""
                + prefix + "\", a wrapper that Retort does not know: store the tensors without it"));
        return lines;
    }

    /** Returns {@link #lines()} as one text, to be the problem that a message names. */
    public String summary() {
        return String.join("\n", lines());
    }

    private static void list(String label, List<String> names, List<String> lines) {
        Map<String, List<String>> alike = names.stream().collect(
                Collectors.groupingBy(WeightReport::unnumbered, LinkedHashMap::new, Collectors.toList()));
        alike.values().stream().limit(MOST_LINES).forEach(kind -> lines.add("  " + label + kind.getFirst()
                + (kind.size() == 1 ? "" : " and " + (kind.size() - 1) + " like it")));
        int rest = alike.values().stream().skip(MOST_LINES).mapToInt(List::size).sum();
        if (rest > 0) lines.add("  " + label + rest + " more");
    }

    /** Returns a problem without the numbers in its name, so that parameters of different layers become the same. */
    private static String unnumbered(String problem) {
        return NUMBER.matcher(problem.lines().findFirst().orElse("")).replaceAll("N");
    }

    /** Returns the prefix behind which every missing parameter is found in the file, if there is such a prefix. */
    private Optional<String> unknownWrapper() {
        if (missing.isEmpty()) return Optional.empty();
        String name = missing.getFirst();
        Set<String> there = Set.copyOf(unexpected);
        return unexpected.stream().filter(other -> other.endsWith("." + name))
                .map(other -> other.substring(0, other.length() - name.length()))
                .filter(prefix -> missing.stream().allMatch(lacking -> there.contains(prefix + lacking))).findFirst();
    }
}
