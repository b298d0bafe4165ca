package org.pganalytics.identity.factor;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.LuminanceSource;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.GlobalHistogramBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Reads a QR code from its SVG as a camera would: its squares as points, magnified. */
final class QrPictures {
    private static final Pattern SIZE = Pattern.compile("viewBox=\"0 0 (\\d+) (\\d+)\"");
    private static final Pattern SQUARE = Pattern.compile("M(\\d+),(\\d+)h1v1h-1z");
    private static final int POINTS = 4;

    private QrPictures() {}

    static String read(String svg) throws Exception {
        var size = SIZE.matcher(svg);
        if (!size.find()) {
            throw new IllegalArgumentException("no picture: " + svg);
        }
        int width = POINTS * Integer.parseInt(size.group(1));
        int height = POINTS * Integer.parseInt(size.group(2));
        var points = new int[width * height];
        Arrays.fill(points, 0xffffff);
        var squares = SQUARE.matcher(svg);
        while (squares.find()) {
            int left = POINTS * Integer.parseInt(squares.group(1));
            int top = POINTS * Integer.parseInt(squares.group(2));
            for (int y = top; y < top + POINTS; y++) {
                Arrays.fill(points, y * width + left, y * width + left + POINTS, 0);
            }
        }
        LuminanceSource source = new RGBLuminanceSource(width, height, points);
        return new QRCodeReader()
                .decode(new BinaryBitmap(new GlobalHistogramBinarizer(source)))
                .getText();
    }
}
