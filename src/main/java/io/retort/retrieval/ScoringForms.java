package io.retort.retrieval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The kinds of scoring forms that a model's configuration is read with.
 *
 * @param all no two of one name
 */
public record ScoringForms(List<ScoringForm.Kind> all) {
    /** Those that Retort knows. A new one is a class of its own and a line here. */
    public static final ScoringForms KNOWN = new ScoringForms(List.of(
            DotScoring.KIND,
            PolyScoring.KIND));

    public ScoringForms {
        all = List.copyOf(all);
        if (all.stream().map(ScoringForm.Kind::name).distinct().count() < all.size()) {
            throw new IllegalArgumentException("all: two kinds of forms of one name");
        }
    }

    /** These and one more, if it is not among them. */
    public ScoringForms with(ScoringForm.Kind kind) {
        if (all.contains(kind)) return this;
        List<ScoringForm.Kind> more = new ArrayList<>(all);
        more.add(kind);
        return new ScoringForms(more);
    }

    public Optional<ScoringForm.Kind> byName(String name) {
        return all.stream().filter(kind -> kind.name().equals(name)).findFirst();
    }

    public List<String> names() {
        return all.stream().map(ScoringForm.Kind::name).toList();
    }
}
