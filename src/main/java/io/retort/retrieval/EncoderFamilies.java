package io.retort.retrieval;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The families of encoders that are known: a new family is a class of its own and a line here. */
public final class EncoderFamilies {
    static final EncoderFamily BERT = new BertFamily();
    static final EncoderFamily ROBERTA = new RobertaFamily();
    static final EncoderFamily ROBERTA_PRE_NORM = new RobertaPreNormFamily();
    public static final List<EncoderFamily> KNOWN = List.of(BERT, ROBERTA, ROBERTA_PRE_NORM, new MpnetFamily(),
            new DistilBertFamily(), new ModernBertFamily());

    private EncoderFamilies() {}

    /** Returns the family to which the models of a {@code model_type} belong; empty if none of these does. */
    public static Optional<EncoderFamily> ofModelType(String name) {
        return KNOWN.stream().filter(family -> family.modelTypes().contains(name)).findFirst();
    }

    /** Returns every known {@code model_type}, in alphabetical order. */
    public static List<String> modelTypes() {
        return List.copyOf(new TreeSet<>(KNOWN.stream().flatMap(family -> family.modelTypes().stream()).toList()));
    }
}
