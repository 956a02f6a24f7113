// One hooked method.
package evfuzz.observer;

/** One hooked method: what of it is looked at, and what that is. */
final class Watched {
    /** What an argument means. */
    enum Act {
        /** The words of a command line. */
        SPAWN,
        /** The path of a file. */
        OPENED,
        /** An address, a host or a URL. */
        ASKED,
        /** A description of a class, read from serialized objects. */
        FIND_CLASS,
        /** A statement, for a database. */
        STATEMENT,
        /** A text to be evaluated in a language that has no parser here. */
        EXPRESSION,
        /** Source text in JavaScript. */
        JAVASCRIPT
    }

    final Act act;
    /** The engine of a statement, or the language of an expression. */
    final String detail;

    Watched(Act act, String detail) {
        this.act = act;
        this.detail = detail;
    }
}
