package evfuzz;

/** The identity function for Java. Echo.class beside is made of it by: javac --release 8 -g:none -d . Echo.java */
public class Echo {
    public Object handle(Object event) {
        return event;
    }
}
