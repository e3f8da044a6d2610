package io.retort.retrieval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The kinds of scoring forms that a reader of model configurations recognises, such as {@link #KNOWN}.
 *
 * @param all the list, in which no two have the same name
 */
public record ScoringForms(List<ScoringForm.Kind> all) {
    /** The kinds that Retort knows. A new form is a class of its own and a line here. */
    public static final ScoringForms KNOWN = new ScoringForms(List.of(
            DotScoring.KIND,
            PolyScoring.KIND));

    public ScoringForms {
        all = List.copyOf(all);
        if (all.stream().map(ScoringForm.Kind::name).distinct().count() < all.size()) {
            throw new IllegalArgumentException("all: two kinds of forms of one name");
        }
    }

    /** Returns a list of these kinds and one more, if it is not among them, for a caller that brings its own form. */
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
