package demo;

import java.util.concurrent.atomic.AtomicInteger;

import javax.servlet.http.HttpSessionAttributeListener;
import javax.servlet.http.HttpSessionBindingEvent;
import javax.servlet.http.HttpSessionEvent;
import javax.servlet.http.HttpSessionIdListener;
import javax.servlet.http.HttpSessionListener;

/** Counts what listeners of sessions hear on this node. */
public class Events implements HttpSessionListener, HttpSessionIdListener, HttpSessionAttributeListener {
    static final AtomicInteger created = new AtomicInteger(), destroyed = new AtomicInteger(), renamed = new AtomicInteger(),
            added = new AtomicInteger(), replaced = new AtomicInteger(), removed = new AtomicInteger();

    static String counts() {
        return "created " + created + " destroyed " + destroyed + " renamed " + renamed + " added " + added + " replaced " + replaced +
                " removed " + removed;
    }

    @Override
    public void sessionCreated(HttpSessionEvent e) {
        created.incrementAndGet();
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent e) {
        destroyed.incrementAndGet();
    }

    @Override
    public void sessionIdChanged(HttpSessionEvent e, String oldId) {
        renamed.incrementAndGet();
    }

    @Override
    public void attributeAdded(HttpSessionBindingEvent e) {
        added.incrementAndGet();
    }

    @Override
    public void attributeReplaced(HttpSessionBindingEvent e) {
        replaced.incrementAndGet();
    }

    @Override
    public void attributeRemoved(HttpSessionBindingEvent e) {
        removed.incrementAndGet();
    }
}
