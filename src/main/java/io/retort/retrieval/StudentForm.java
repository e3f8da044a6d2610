package io.retort.retrieval;

import io.retort.files.BadInput;

/** Decides what kind of student is made of an encoder to be trained. */
@FunctionalInterface
public interface StudentForm {
    /** Returns the configuration of the student, given that of the model it starts from. */
    ModelConfig of(ModelConfig base);

    /** Keeps the form that the base model has. */
    record AsItIs() implements StudentForm {
        @Override
        public ModelConfig of(ModelConfig base) {
            return base;
        }
    }

    /**
     * Gives the student another way to score than the base model has.
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
