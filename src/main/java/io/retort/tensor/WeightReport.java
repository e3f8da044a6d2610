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
    /** Of one kind of problem; a model has hundreds of tensors. */
    private static final int MOST_LINES = 3;
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    /** Whether the model is complete and the file holds nothing unexplained. */
    public boolean isClean() {
        return isUsable() && unexpected.isEmpty();
    }

    /** Whether the model is complete. */
    public boolean isUsable() {
        return missing.isEmpty() && mismatched.isEmpty() && notFinite.isEmpty();
    }

    /** For people: the counts, and of each kind of problem a few lines; numbered names that are alike share a line. */
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

    /** {@link #lines()} in one text, as the problem of a message. */
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

    /** A name without its numbers: the same for a parameter of every layer. */
    private static String unnumbered(String problem) {
        return NUMBER.matcher(problem.lines().findFirst().orElse("")).replaceAll("N");
    }

    /** The prefix behind which every missing parameter is in the file, if that is so. */
    private Optional<String> unknownWrapper() {
        if (missing.isEmpty()) return Optional.empty();
        String name = missing.getFirst();
        Set<String> there = Set.copyOf(unexpected);
        return unexpected.stream().filter(other -> other.endsWith("." + name))
                .map(other -> other.substring(0, other.length() - name.length()))
                .filter(prefix -> missing.stream().allMatch(lacking -> there.contains(prefix + lacking))).findFirst();
    }
}
