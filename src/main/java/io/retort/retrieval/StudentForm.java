package io.retort.retrieval;

import io.retort.files.BadInput;

/** What is made of an encoder to be trained. */
@FunctionalInterface
public interface StudentForm {
    /** The student's configuration. */
    ModelConfig of(ModelConfig base);

    /** The form that the base has. */
    record AsItIs() implements StudentForm {
        @Override
        public ModelConfig of(ModelConfig base) {
            return base;
        }
    }

    /**
     * Another way to score.
     *
     * @param tied whether both sides share one encoder
     */
    record Scored(ScoringForm form, boolean tied) implements StudentForm {
        @Override
        public ModelConfig of(ModelConfig base) {
            if (form.contextVectors().isPresent() && !base.head().isPlain()) {
                throw BadInput.of("the model has dense layers or several poolings, and a " + form.kind().name()
                        + " has neither", "train a bi-encoder of it, or start from another model");
            }
            return base.as(form, tied);
        }
    }
}
