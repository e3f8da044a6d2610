package io.retort.graph;

/** Memory that values lie in. */
sealed interface Storage {
    /** A part of the arena, shared with other buffers that live at other times. One of its kind: identity counts. */
    final class Buffer implements Storage {
        final long elements;
        /** First and last step that touch it. */
        int first;
        int last;
        /** In elements, once it is assigned. */
        long offset;

        Buffer(long elements) {
            this.elements = elements;
        }
    }

    /** An input where the caller has it. */
    record Fed(String input) implements Storage {
    }

    /** The values of a parameter. */
    record Parameter(String name) implements Storage {
    }

    /** Where the gradient of a parameter goes. */
    record Gradient(String parameter) implements Storage {
    }

    /** A constant of the graph. */
    record Constant(String name) implements Storage {
    }

    /** One number, again and again. */
    record Filled(float value, long elements) implements Storage {
    }
}
