package demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedList;
import java.util.List;
import java.util.TreeMap;

/** A class with a super class and a field of every sort, which session_demo's shirt.h has as a C++ struct. */
public class Shirt extends Goods {
    private static final long serialVersionUID = 8L;

    public enum Size { SMALL, LARGE }

    public Size size;
    public boolean red;
    public double weight;
    public int[] widths;
    public LinkedList<String> labels;
    public TreeMap<String, Integer> stock;
    public List<Goods> extras;

    public Shirt(int n) {
        name = "shirt" + n;
        price = n % 2 == 0 ? null : Long.valueOf(1000000000000L + n);
        size = n % 2 == 0 ? Size.SMALL : Size.LARGE;
        red = n % 3 == 0;
        weight = n / 2.0;
        widths = new int[] {n, -n};
        labels = new LinkedList<>(Arrays.asList("new", "label" + n));
        stock = new TreeMap<>();
        stock.put("Z\u00fcrich", n);
        stock.put("Bern", 0);
        extras = new ArrayList<>();
        Goods button = new Goods();
        button.name = "button";
        button.price = 5L;
        extras.add(button);
    }

    @Override
    public String toString() {
        StringBuilder sb = new StringBuilder("Shirt{" + name + "," + price + "," + size + "," + red + "," + weight);
        sb.append(",").append(Arrays.toString(widths)).append(",").append(labels).append(",").append(stock);
        for (Goods extra : extras) {
            sb.append(",").append(extra.name).append(":").append(extra.price);
        }
        return sb.append("}").toString();
    }
}
