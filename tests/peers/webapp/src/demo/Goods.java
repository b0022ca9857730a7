package demo;

import java.io.Serializable;

/** What a Shirt extends. */
public class Goods implements Serializable {
    private static final long serialVersionUID = 7L;
    public String name;
    public Long price;
}
