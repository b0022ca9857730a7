package bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;

public class Fill extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        String found = (String) session.getAttribute("data");
        if (found == null) session.setAttribute("data", session.getId() + "x".repeat(1024 - session.getId().length()));
        response.setContentType("text/plain");
        String text = found == null ? "made" : "found " + found.length();
        response.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
