package io.retort.text;

import java.util.List;
import java.util.Map;

/** A value while a chat template is rendered. Text remembers which of it may be trusted. */
sealed interface TemplateValue {
    /** Whether {@code if} takes it for true. */
    default boolean truthy() {
        return true;
    }

    /** Its type, for messages and tests. */
    String type();

    record Text(Prompt prompt) implements TemplateValue {
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
    }

    record Int(long value) implements TemplateValue {
        @Override
        public boolean truthy() {
            return value != 0;
        }

        @Override
        public String type() {
            return "a number";
        }
    }

    enum Bool implements TemplateValue {
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

    enum None implements TemplateValue {
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

    record Undefined(String name) implements TemplateValue {
        @Override
        public boolean truthy() {
            return false;
        }

        @Override
        public String type() {
            return "`" + name + "`, which is undefined,";
        }
    }

    record Sequence(List<TemplateValue> elements) implements TemplateValue {
        public Sequence {
            elements = List.copyOf(elements);
        }

        @Override
        public boolean truthy() {
            return !elements.isEmpty();
        }

        @Override
        public String type() {
            return "a list";
        }
    }

    /** Attributes by name; those of a {@code namespace} may change. */
    record Mapping(Map<String, TemplateValue> members, boolean changeable) implements TemplateValue {
        @Override
        public boolean truthy() {
            return !members.isEmpty();
        }

        @Override
        public String type() {
            return "a mapping";
        }
    }

    /** Where a loop stands. */
    record Loop(int index0, int length) implements TemplateValue {
        @Override
        public String type() {
            return "`loop`";
        }
    }

    /** Text of the template itself. */
    static Text trusted(String text) {
        return new Text(Prompt.trusted(text));
    }

    /** Whether {@code ==} holds. */
    static boolean same(TemplateValue one, TemplateValue other) {
        return switch (one) {
            case Text text -> other instanceof Text that && text.plain().equals(that.plain());
            case Sequence list -> other instanceof Sequence that && sameElements(list.elements(), that.elements());
            case Undefined undefined -> other instanceof Undefined;
            default -> one.equals(other);
        };
    }

    private static boolean sameElements(List<TemplateValue> one, List<TemplateValue> other) {
        if (one.size() != other.size()) return false;
        for (int i = 0; i < one.size(); i++) {
            if (!same(one.get(i), other.get(i))) return false;
        }
        return true;
    }
}
