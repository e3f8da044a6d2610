package io.retort.text.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.retort.text.Prompt;

/** Values as text: as Python's {@code str} and {@code repr} write them, and as JSON. What was not trusted stays so. */
final class Writing {
    private final Source source;
    private final Fuel fuel;

    Writing(Source source, Fuel fuel) {
        this.source = source;
        this.fuel = fuel;
    }

    /** A value as the template writes it into the prompt. */
    Prompt text(Value value, int at) {
        return switch (value) {
            case Value.Text text -> text.prompt();
            case Value.Undefined undefined -> Prompt.empty();
            default -> quoted(value, at);
        };
    }

    private Prompt quoted(Value value, int at) {
        fuel.burn(1, at);
        return switch (value) {
            case Value.Text text -> quoted(text, at);
            case Value.Int number -> Prompt.trusted(Long.toString(number.value()));
            case Value.Real number -> Prompt.trusted(real(number.value()));
            case Value.Bool truth -> Prompt.trusted(truth.truthy() ? "True" : "False");
            case Value.None none -> Prompt.trusted("None");
            case Value.Undefined undefined -> Prompt.trusted("Undefined");
            case Value.Sequence list when list.tuple() && list.elements().size() == 1 ->
                Prompt.trusted("(").then(quoted(list.elements().getFirst(), at)).then(Prompt.trusted(",)"));
            case Value.Sequence list -> enclosed(list.tuple() ? "(" : "[",
                    list.elements().stream().map(element -> quoted(element, at)).toList(), list.tuple() ? ")" : "]");
            case Value.Mapping mapping when !mapping.changeable() -> enclosed("{", members(mapping, at), "}");
            default -> throw source.unsupported(at, "writing out " + value.type());
        };
    }

    private List<Prompt> members(Value.Mapping mapping, int at) {
        return mapping.members().entrySet().stream().map(member -> quoted(Value.trusted(member.getKey()), at)
                .then(Prompt.trusted(": ")).then(quoted(member.getValue(), at))).toList();
    }

    private static Prompt enclosed(String open, List<Prompt> elements, String close) {
        List<Prompt.Piece> pieces = new ArrayList<>(Prompt.trusted(open).pieces());
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) pieces.addAll(Prompt.trusted(", ").pieces());
            pieces.addAll(elements.get(i).pieces());
        }
        pieces.addAll(Prompt.trusted(close).pieces());
        return new Prompt(pieces);
    }

    private Prompt quoted(Value.Text text, int at) {
        String plain = text.plain();
        fuel.burn(plain.length(), at);
        char quote = plain.indexOf('\'') >= 0 && plain.indexOf('"') < 0 ? '"' : '\'';
        Prompt mark = Prompt.trusted(String.valueOf(quote));
        return mark.then(text.prompt().map(piece -> escaped(piece, quote))).then(mark);
    }

    private static String escaped(String text, char quote) {
        var escaped = new StringBuilder();
        text.codePoints().forEach(letter -> {
            if (letter == quote || letter == '\\') escaped.append('\\').appendCodePoint(letter);
            else if (letter == '\n') escaped.append("\\n");
            else if (letter == '\r') escaped.append("\\r");
            else if (letter == '\t') escaped.append("\\t");
            else if (printable(letter)) escaped.appendCodePoint(letter);
            else if (letter < 0x100) escaped.append(String.format("\\x%02x", letter));
            else if (letter < 0x10000) escaped.append(String.format("\\u%04x", letter));
            else escaped.append(String.format("\\U%08x", letter));
        });
        return escaped.toString();
    }

    private static boolean printable(int letter) {
        return letter == ' ' || switch (Character.getType(letter)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SPACE_SEPARATOR ->
                false;
            default -> true;
        };
    }

    /**
     * A number as Python writes it: the shortest digits that give it back, with an exponent only where they are many.
     */
    static String real(double number) {
        if (Double.isNaN(number)) return "nan";
        if (Double.isInfinite(number)) return number > 0 ? "inf" : "-inf";
        String java = Double.toString(number);
        double size = Math.abs(number);
        if (size != 0 && (size < 1e-4 || size >= 1e16)) {
            String[] parts = java.replace(".0E", "E").split("E");
            int exponent = Integer.parseInt(parts[1]);
            return parts[0] + (exponent < 0 ? "e-" : "e+") + String.format("%02d", Math.abs(exponent));
        }
        if (java.indexOf('E') < 0) return java;
        String plain = new java.math.BigDecimal(java).toPlainString();
        return plain.contains(".") ? plain : plain + ".0";
    }

    /**
     * A value in JSON, as Python writes it.
     *
     * @param indent how far each level is moved in; on one line if empty
     * @param ascii  whether other letters are escaped
     */
    Prompt json(Value value, Optional<String> indent, boolean ascii, boolean sorted, int at) {
        List<Prompt.Piece> pieces = new ArrayList<>();
        new Json(indent.orElse(null), ascii, sorted, at, pieces).write(value, 0);
        return new Prompt(pieces);
    }

    private final class Json {
        private final String indent;
        private final boolean ascii;
        private final boolean sorted;
        private final int at;
        private final List<Prompt.Piece> pieces;

        Json(String indent, boolean ascii, boolean sorted, int at, List<Prompt.Piece> pieces) {
            this.indent = indent;
            this.ascii = ascii;
            this.sorted = sorted;
            this.at = at;
            this.pieces = pieces;
        }

        void write(Value value, int depth) {
            fuel.burn(1 + (indent == null ? 0 : (long) depth * indent.length()), at);
            switch (value) {
                case Value.Text text -> {
                    fuel.burn(text.prompt().length(), at);
                    add("\"");
                    pieces.addAll(text.prompt().map(this::escaped).pieces());
                    add("\"");
                }
                case Value.Int number -> add(Long.toString(number.value()));
                case Value.Real number -> add(real(number.value()).replace("nan", "NaN").replace("inf", "Infinity"));
                case Value.Bool truth -> add(truth.truthy() ? "true" : "false");
                case Value.None none -> add("null");
                case Value.Sequence list -> {
                    Iterator<Value> elements = list.elements().iterator();
                    members("[", "]", depth, elements.hasNext(), () -> {
                        write(elements.next(), depth + 1);
                        return elements.hasNext();
                    });
                }
                case Value.Mapping mapping when !mapping.changeable() -> {
                    Map<String, Value> members = sorted
                            ? new java.util.TreeMap<>(mapping.members())
                            : mapping.members();
                    Iterator<Map.Entry<String, Value>> entries = members.entrySet().iterator();
                    members("{", "}", depth, entries.hasNext(), () -> {
                        Map.Entry<String, Value> entry = entries.next();
                        write(Value.trusted(entry.getKey()), depth + 1);
                        add(": ");
                        write(entry.getValue(), depth + 1);
                        return entries.hasNext();
                    });
                }
                default -> throw source.fault(at, value.type() + " in JSON");
            }
        }

        private void members(String open, String close, int depth, boolean any,
                java.util.function.BooleanSupplier writeNext) {
            add(open);
            boolean more = any;
            while (more) {
                lineBreak(depth + 1);
                more = writeNext.getAsBoolean();
                if (more) add(indent == null ? ", " : ",");
            }
            if (any) lineBreak(depth);
            add(close);
        }

        private void lineBreak(int depth) {
            if (indent != null) add("\n" + indent.repeat(depth));
        }

        private void add(String text) {
            pieces.add(new Prompt.Piece(text, true));
        }

        private String escaped(String text) {
            var escaped = new StringBuilder();
            for (int i = 0; i < text.length(); i++) {
                char letter = text.charAt(i);
                int simple = "\"\\\b\f\n\r\t".indexOf(letter);
                if (simple >= 0) escaped.append('\\').append("\"\\bfnrt".charAt(simple));
                else if (letter < ' ' || ascii && letter > '~') escaped.append(String.format("\\u%04x", (int) letter));
                else escaped.append(letter);
            }
            return escaped.toString();
        }
    }
}
