package io.retort.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of a terminal as shows what a program leaves on it: lines that are broken at its width, and broken anew when
 * it is resized.
 */
final class Screen {
    private static final Pattern COMMAND = Pattern.compile("\\u001b\\[(\\d*)([AJK])|\\u001b]resize (\\d+)\\u0007");

    private final List<Row> rows = new ArrayList<>(List.of(new Row()));
    private int width;
    private int row;
    private int column;
    private int widest;

    /** A row of cells; the second cell of a wide letter is empty. */
    private static final class Row {
        final List<String> cells = new ArrayList<>();
        boolean goesOn;

        String text() {
            return String.join("", cells).stripTrailing();
        }
    }

    Screen(int width) {
        this.width = width;
    }

    /** Writes what a program sent; {@code ESC ] resize N BEL} stands for a person who resizes the window. */
    Screen write(String sent) {
        Matcher command = COMMAND.matcher(sent);
        for (int at = 0; at < sent.length();) {
            if (sent.charAt(at) == '\u001b') {
                if (!command.region(at, sent.length()).lookingAt()) throw new IllegalStateException(sent.substring(at));
                obey(command);
                at = command.end();
            } else {
                int point = sent.codePointAt(at);
                put(Character.toString(point));
                at += Character.charCount(point);
            }
        }
        return this;
    }

    private void obey(Matcher command) {
        if (command.group(3) != null) {
            resize(Integer.parseInt(command.group(3)));
            return;
        }
        switch (command.group(2)) {
            case "A" -> row -= command.group(1).isEmpty() ? 1 : Integer.parseInt(command.group(1));
            case "K" -> clearRow();
            default -> {
                clearRow();
                rows.subList(row + 1, rows.size()).clear();
            }
        }
        if (row < 0) throw new IllegalStateException("above the screen");
    }

    private void clearRow() {
        List<String> cells = rows.get(row).cells;
        if (cells.size() > column) cells.subList(column, cells.size()).clear();
        rows.get(row).goesOn = false;
    }

    private void put(String letter) {
        switch (letter) {
            case "\r" -> column = 0;
            case "\n" -> {
                column = 0;
                rows.get(row).goesOn = false;
                next();
            }
            default -> putLetter(letter);
        }
    }

    private void next() {
        if (++row == rows.size()) rows.add(new Row());
    }

    private void putLetter(String letter) {
        int columns = Columns.of(letter);
        List<String> cells = rows.get(row).cells;
        if (columns == 0) {
            cells.set(column - 1, cells.get(column - 1) + letter);
            return;
        }
        if (column + columns > width) {
            rows.get(row).goesOn = true;
            next();
            column = 0;
            cells = rows.get(row).cells;
        }
        for (int i = 0; i < columns; i++, column++) {
            while (cells.size() <= column) cells.add(" ");
            cells.set(column, i == 0 ? letter : "");
        }
        widest = Math.max(widest, column);
    }

    private void resize(int to) {
        List<Row> old = new ArrayList<>(rows);
        int cursor = row, inRow = column;
        rows.clear();
        rows.add(new Row());
        row = 0;
        column = 0;
        width = to;
        widest = 0;
        int newRow = 0, newColumn = 0;
        for (int i = 0; i < old.size(); i++) {
            List<String> cells = old.get(i).cells;
            for (int cell = 0; cell < cells.size(); cell++) {
                if (!cells.get(cell).isEmpty()) put(cells.get(cell));
            }
            if (i == cursor) {
                newRow = row;
                newColumn = inRow == cells.size() ? column : inRow;
            }
            if (i < old.size() - 1 && !old.get(i).goesOn) put("\n");
        }
        row = newRow;
        column = newColumn;
    }

    /** The rows, without empty ones at the end. */
    List<String> lines() {
        List<String> lines = new ArrayList<>(rows.stream().map(Row::text).toList());
        while (!lines.isEmpty() && lines.getLast().isEmpty()) lines.removeLast();
        return lines;
    }

    /** The most columns of a row that were written since the last change of the size. */
    int widest() {
        return widest;
    }

    /** Whether some row was too short for what was written to it. */
    boolean hasBroken() {
        return rows.stream().anyMatch(each -> each.goesOn);
    }
}
