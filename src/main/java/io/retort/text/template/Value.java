package io.retort.text.template;

import java.util.List;
import java.util.Map;

import io.retort.text.Prompt;

/** A value while a chat template is rendered. Text remembers which of it may be trusted. */
sealed interface Value {
    /** Whether {@code if} takes the value for true, as Python does. */
    default boolean truthy() {
        return true;
    }

    /** The name of the value's type, for messages and tests. */
    String type();

    record Text(Prompt prompt) implements Value {
        @Override
        public boolean truthy() {
            return !prompt.pieces().isEmpty();
        }

        @Override
        public String type() {
            return "text";
        }

        String plain() {
            return prompt.text();
        }

        /** Whether all of the text is the template's own. */
        boolean trusted() {
            return prompt.pieces().stream().allMatch(Prompt.Piece::trusted);
        }
    }

    record Int(long value) implements Value {
        @Override
        public boolean truthy() {
            return value != 0;
        }

        @Override
        public String type() {
            return "a number";
        }
    }

    record Real(double value) implements Value {
        @Override
        public boolean truthy() {
            return value != 0;
        }

        @Override
        public String type() {
            return "a number";
        }
    }

    enum Bool implements Value {
        FALSE, TRUE;

        static Bool of(boolean value) {
            return value ? TRUE : FALSE;
        }

        @Override
        public boolean truthy() {
            return this == TRUE;
        }

        @Override
        public String type() {
            return "true or false";
        }
    }

    enum None implements Value {
        NONE;

        @Override
        public boolean truthy() {
            return false;
        }

        @Override
        public String type() {
            return "none";
        }
    }

    record Undefined(String name) implements Value {
        @Override
        public boolean truthy() {
            return false;
        }

        @Override
        public String type() {
            return "`" + name + "`, which is undefined,";
        }
    }

    /** A list or a tuple. */
    record Sequence(List<Value> elements, boolean tuple) implements Value {
        public Sequence {
            elements = List.copyOf(elements);
        }

        Sequence(List<Value> elements) {
            this(elements, false);
        }

        @Override
        public boolean truthy() {
            return !elements.isEmpty();
        }

        @Override
        public String type() {
            return tuple ? "a tuple" : "a list";
        }
    }

    /** Values by name, in order; those of a {@code namespace} may change. Names are the template's own text. */
    record Mapping(Map<String, Value> members, boolean changeable) implements Value {
        @Override
        public boolean truthy() {
            return changeable || !members.isEmpty();
        }

        @Override
        public String type() {
            return changeable ? "a namespace" : "a mapping";
        }
    }

    /** The variable {@code loop}, which tells where a loop stands. */
    record Loop(List<Value> elements, int index0, Changes changes) implements Value {
        /** What {@code loop.changed} was last asked of, in all rounds. */
        static final class Changes {
            private Value last;

            boolean to(Value value) {
                boolean changed = last == null || !Comparison.same(last, value);
                last = value;
                return changed;
            }
        }

        @Override
        public String type() {
            return "`loop`";
        }
    }

    /** A macro with the variables that it sees, and the body that a {@code call} block hands to it, if any. */
    record Callable(Statement.Macro macro, Scope scope) implements Value {
        @Override
        public String type() {
            return "a macro";
        }
    }

    /** A function that every template has. */
    record Builtin(String name) implements Value {
        @Override
        public String type() {
            return "the function `" + name + "`";
        }
    }

    /** Makes a text of the template itself, which is trusted. */
    static Text trusted(String text) {
        return new Text(Prompt.trusted(text));
    }
}
