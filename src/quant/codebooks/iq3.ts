import { lazy } from "./lazy.ts";
import { unpackGrid } from "./pack.ts";

/** IQ3_XXS: 256 vectors of four magnitudes, in quarters. */
export const iq3XxsGrid = lazy(() =>
  unpackGrid(
    "00204090b0f0g0i0p0y0X0Z0113181a1h1l1o1q1x1I1U102224292g2i2p2r2v2F2L2Z2137383a3l3U3b4v4A4L4X4Z41575q5G5t6Q687c7e7" +
      "z7N7183888a8h8j8o8q8s8D8E8092999g9i91a3a8aaahaoaWa0b2bgbpbCbSb1c5cEcgdkdCdVd5eifwf0g2g9gbgggigmgpgyg1h3h5h8hahhh" +
      "ohPhThUh0i2i9ifigiiiviwiJi1j8jcjUjYjtkHk3lnlxlYl1n3nenBn1o8oaohojoEoRoWo0p2pgpppApCp1q3q8qlqGqWq9rrrosDsWs0t6tit" +
      "JtcuuuPurvMv4wfwtwvwHwLwYxgyvywyMySy7zBz4AFAQAlBzBUB5D8DaDoDaExEUE0F6FmFJFcGqGWG2HHH8IjInIWI2JpJEKkLyLkMAMCMQMhN" +
      "NNfOQOoPuPAQ5RGRrS3ThT3U5U7U8UqUGUmVwVaWBWGW0XdXrXMXhYxY0Z2ZkZo.",
    [4, 12, 20, 28, 36, 44, 52, 62],
  ),
);

/** IQ3_S: 512 vectors of four odd magnitudes. */
export const iq3SGrid = lazy(() =>
  unpackGrid(
    "00102050708090a0c0e0g0h0l0r0w0y0B0D0F0H0M0O0V0Y0-0011121418191d1g1j1n1p1t1A1N1R1W10212527282b2e2h2l2o2s2y2B2D2F2" +
      "H2U2X23393d3g3i3p3r3u3A3E3G3T3V3Z304b4f4h4k4q4w4z4F4U42545g5i5m5r5x5B5D5S5X56696b6p6G6V6072747g7i7m7r7E7I7081828" +
      "488898b8d8f8g8i8p8s8u8I8K8N8W80919396989c9h9o9r9x9E9G9U9.90aaadafagakaqawazaJaMaWa1b4b7b8bbbhbnbobsbxbObUb3c5cac" +
      "ccpcrcycCcEcIc1d8dbdhdodqdFdgekeneAeCe1f3f8fafhftfxfOfUf0g1g3g5g7g8gagcgeghgjgngogqgxgzgBgEgGgTgUgXgZg0h2h8hbhfh" +
      "ihlhphshyhFh1i4i7ihijioivixiHiLiViYi0j2j5j9jijkjpjrjyjEjSj1k7kgkjkqktkxkWkZk4l9lilvlwlHlUl0m2m7mhmJmNm5n9nmnonzn" +
      "En2o9obodofoioporotoyoAoDoFoPoVo1p3p5pcphpjpwpMpWp.p0qaqgqqqsqEq1r8rcrhrjrnrorxrzrDrJrXr3s9sesispsGsMsQs1t8tatlt" +
      "qtAtKtXteuxu1v3vgvivtv0w4wawgwkwnwqwxwEwUw2x7x9xbxixoxtxzxFxJx1y3y8ydyhyrywyLyOyUy4z9zbzgzizpztz0A2AkAvAwAVA5B7B" +
      "hBOBbCsCMC8DdDoDzDFD2E8EcEiEwEAEDEGESEYE1F3F5FaFhFqFWF0G9GjGoGuGHG2H7H8HnHAHFHRHXH1I4IgIqICIaJmJFJHJyK2L4LiL9MbM" +
      "dMpMrMMM0NgNnNQNaOsOyOJOOOUO0PcPhPwPlQzQOQ0R3RsRMR5SwS9TbT0U4U7UgUiUuUwUIUOU2V9VkVzVBV1W4W8WeWhWoWFW2XqXtXHX1Y5Y" +
      "bYgYEYiZyZ2.p.0-",
    [1, 3, 5, 7, 9, 11, 13, 15],
  ),
);
