package io.retort.graph;

/** The kinds of memory that values lie in. */
sealed interface Storage {
    /**
     * A part of the arena, which buffers that live at other times share. Two buffers are never equal: identity counts.
     */
    final class Buffer implements Storage {
        final long elements;
        /** The first and the last step that touch the buffer, as indices into the plan's steps. */
        int first;
        int last;
        /** Where the buffer starts in the arena, in elements, once that is assigned. */
        long offset;

        Buffer(long elements) {
            this.elements = elements;
        }
    }

    /** The memory in which the caller keeps an input, which is read there. */
    record Fed(String input) implements Storage {
    }

    /** The memory of a parameter's values. */
    record Parameter(String name) implements Storage {
    }

    /** The memory that receives the gradient of a parameter. */
    record Gradient(String parameter) implements Storage {
    }

    /** The memory of a constant of the graph. */
    record Constant(String name) implements Storage {
    }

    /** Memory that holds one number again and again. */
    record Filled(float value, long elements) implements Storage {
    }
}
