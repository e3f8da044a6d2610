package io.retort.safety;
class Probe2 { public static void main(String[] a) { Lexicon l = Lexicon.with(LexiconChanges.NONE); for (String s : a) System.out.println(l.words(s) + " " + l.find(s, c -> true)); } }
