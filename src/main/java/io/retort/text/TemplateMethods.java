package io.retort.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** The methods, filters and tests that chat templates may use. */
final class TemplateMethods {
    private final TemplateSource source;

    TemplateMethods(TemplateSource source) {
        this.source = source;
    }

    TemplateValue call(TemplateValue object, String name, List<TemplateValue> arguments, boolean filter, int at) {
        TemplateValue result = filter ? filtered(object, name, arguments) : called(object, name, arguments);
        if (result != null) return result;
        throw source.unsupported(at, (filter ? "the filter `" : "the method `") + name + "` with "
                + arguments.size() + " arguments on " + object.type());
    }

    /** Null where there is no such filter. */
    private static TemplateValue filtered(TemplateValue object, String name, List<TemplateValue> arguments) {
        if (name.equals("default") && arguments.size() == 1) {
            return object instanceof TemplateValue.Undefined ? arguments.getFirst() : object;
        }
        if (!arguments.isEmpty()) return null;
        return switch (object) {
            case TemplateValue.Text text -> switch (name) {
                case "trim" -> stripped(text, TemplateMethods::isSpace, true, true);
                case "length", "count" -> new TemplateValue.Int(text.plain().codePoints().count());
                case "upper", "lower" -> called(object, name, arguments);
                case "string" -> text;
                default -> null;
            };
            case TemplateValue.Sequence list -> switch (name) {
                case "length", "count" -> new TemplateValue.Int(list.elements().size());
                case "first" -> list.elements().isEmpty() ? null : list.elements().getFirst();
                case "last" -> list.elements().isEmpty() ? null : list.elements().getLast();
                case "list" -> list;
                default -> null;
            };
            default -> null;
        };
    }

    /** Null where there is no such method. */
    private static TemplateValue called(TemplateValue object, String name, List<TemplateValue> arguments) {
        if (!(object instanceof TemplateValue.Text text)) {
            return object instanceof TemplateValue.Mapping mapping && name.equals("get")
                    ? got(mapping, arguments)
                    : null;
        }
        if (arguments.isEmpty()) {
            return switch (name) {
                case "upper" -> new TemplateValue.Text(text.prompt().map(part -> part.toUpperCase(Locale.ROOT)));
                case "lower" -> new TemplateValue.Text(text.prompt().map(part -> part.toLowerCase(Locale.ROOT)));
                default -> stripped(text, name, TemplateMethods::isSpace);
            };
        }
        if (arguments.size() != 1 || !(arguments.getFirst() instanceof TemplateValue.Text argument)) return null;
        String other = argument.plain();
        return switch (name) {
            case "startswith" -> TemplateValue.Bool.of(text.plain().startsWith(other));
            case "endswith" -> TemplateValue.Bool.of(text.plain().endsWith(other));
            case "split" -> other.isEmpty() ? null : split(text, other);
            default -> stripped(text, name, letter -> other.indexOf(letter) >= 0);
        };
    }

    private static TemplateValue got(TemplateValue.Mapping mapping, List<TemplateValue> arguments) {
        if (arguments.isEmpty() || arguments.size() > 2 || !(arguments.getFirst() instanceof TemplateValue.Text key)) {
            return null;
        }
        TemplateValue otherwise = arguments.size() == 2 ? arguments.get(1) : TemplateValue.None.NONE;
        return mapping.members().getOrDefault(key.plain(), otherwise);
    }

    private static TemplateValue split(TemplateValue.Text text, String separator) {
        String plain = text.plain();
        List<TemplateValue> parts = new ArrayList<>();
        int from = 0;
        for (int to = plain.indexOf(separator); to >= 0; to = plain.indexOf(separator, from)) {
            parts.add(new TemplateValue.Text(text.prompt().slice(from, to)));
            from = to + separator.length();
        }
        parts.add(new TemplateValue.Text(text.prompt().slice(from, plain.length())));
        return new TemplateValue.Sequence(parts);
    }

    private static TemplateValue stripped(TemplateValue.Text text, String name, IntPredicate strips) {
        return switch (name) {
            case "strip" -> stripped(text, strips, true, true);
            case "lstrip" -> stripped(text, strips, true, false);
            case "rstrip" -> stripped(text, strips, false, true);
            default -> null;
        };
    }

    private static TemplateValue stripped(TemplateValue.Text text, IntPredicate strips, boolean left, boolean right) {
        String plain = text.plain();
        int from = 0;
        int to = plain.length();
        while (left && from < to && strips.test(plain.charAt(from))) from++;
        while (right && to > from && strips.test(plain.charAt(to - 1))) to--;
        return new TemplateValue.Text(text.prompt().slice(from, to));
    }

    /** White space as Python's {@code str.strip} sees it. */
    private static boolean isSpace(int letter) {
        return Character.isWhitespace(letter) || Character.isSpaceChar(letter) || letter == 0x85;
    }

    boolean test(TemplateValue value, String name, int at) {
        return switch (name) {
            case "defined" -> !(value instanceof TemplateValue.Undefined);
            case "undefined" -> value instanceof TemplateValue.Undefined;
            case "none" -> value == TemplateValue.None.NONE;
            case "string" -> value instanceof TemplateValue.Text;
            case "mapping" -> value instanceof TemplateValue.Mapping;
            case "sequence", "iterable" -> value instanceof TemplateValue.Text
                    || value instanceof TemplateValue.Sequence || value instanceof TemplateValue.Mapping;
            case "true" -> value == TemplateValue.Bool.TRUE;
            case "false" -> value == TemplateValue.Bool.FALSE;
            default -> throw source.unsupported(at, "the test `" + name + "`");
        };
    }
}
