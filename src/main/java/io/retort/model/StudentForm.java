package io.retort.model;

import io.retort.files.BadInput;

/** What is made of an encoder to be trained. */
public sealed interface StudentForm {
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
     * A vector a side.
     *
     * @param tied whether both sides share one encoder
     */
    record BiEncoder(boolean tied) implements StudentForm {
        @Override
        public ModelConfig of(ModelConfig base) {
            return base.asBiEncoder(tied);
        }
    }

    /**
     * A few vectors for the context.
     *
     * @param tied  whether both sides share one encoder
     * @param codes m; 16, 64 or 360 in the literature
     */
    record PolyEncoder(boolean tied, int codes) implements StudentForm {
        @Override
        public ModelConfig of(ModelConfig base) {
            if (!base.head().isPlain()) {
                throw BadInput.of("the model has dense layers or several poolings, and a poly-encoder has neither",
                        "train a bi-encoder of it, or start from another model");
            }
            return base.asPolyEncoder(tied, codes);
        }
    }
}
