import { lazy } from "./lazy.ts";
import { unpackGrid } from "./pack.ts";

/** Magnitudes of the IQ2 grids, in eighths. */
const LEVELS = [8, 25, 43];

/** IQ2_XXS: 256 vectors of eight magnitudes. */
export const iq2XxsGrid = lazy(() =>
  unpackGrid(
    "0020406080a0c0i0k0o0q0s0u0A0G0K0M0S0U0.0>0113191d1r1V1/10222k2U2133393j3l3r3t3x3J3T3V3-3(3042464i4w4Q4S4:47595r5" +
      "V5(5064666c6o6s6u6A6C6Y637r728c8193999j9r9J9V9-9^90a6aiaAaIaSalbvb0c6cicmcycScfdLd0eee1f3f9frfTf0g4g&gBh0i2i8iui" +
      "KiSiUipjxj0k2k1l3l9lrlFl0msmMm-n6oio=ouq1r3r9rfrjrlrrrxrFrJrTrVr-r0sisKsSsWs1t9txtFtPt0u6uiuSu*ubvlv0w1x3x9xrxvx" +
      "0yGyKyUyvz-z0A6AaAgAiASAYA3BtB(B:C-D+D8E1FDF0GaGgGMGrH6I3J9JrJPJ0KEKfLJL0M4M9NbNVNtP0S2S8SsSUS3TfTrTaU1V3V9VdVrV" +
      "JV0WwW=W7XrXJX2Y3Za.3-9-l-r-<-e:S:v+0=k=u=B^T/i*2&A&W&7<0>f(A]3{",
    LEVELS,
  ),
);

/** IQ2_XS: 512 vectors of eight magnitudes. */
export const iq2XsGrid = lazy(() =>
  unpackGrid(
    "0020406080a0c0e0g0i0k0m0o0s0u0w0y0A0C0E0G0K0M0S0U0W0Y0:0=0*0&01131517191b1d1f1h1j1l1r1t1v1x1B1D1J1P1T1V1-1022242" +
      "62a2c2i2s2u2A2E2S2.21333537393b3d3f3j3l3r3t3v3x3B3D3F3J3T3V3-304244464a4c4i4s4u4A4K4S4153595n5r5t5V50626466686a6" +
      "c6i6m6s6u6A6G6S6&6}6173797r7T7Z708i8o8!8&81939597999b9d9f9j9l9r9t9v9x9B9D9J9R9T9V9-90a2a4a6aaacaiasauaAaSa=a!a1b" +
      "3b5b9brbJb0c2c4c6cacccicscucycAcMcSc1d3d9drd0eceye1f3f9fbfrfDfXf0g4gOgBh{h0i2i4i6i8iaiciiisiuiAiSi&i1j3j9jrjxjNj" +
      "0kkkSk]k1l3l9lplrl0msmCm*m1nhn[n0o6o8oioEoYo>oPp-p6qiqUqYq.q1r3r5r7r9rbrdrfrjrlrrrtrvrxrzrBrDrJrNrTrVr-r0s2s4s6s" +
      "ascsisssusAsSsWs>s1t3t9tbtptrt0u2u4u6uaucuguiusuuuAuSu=u1v3v9vlvrv?v0w8wuwAw1x3x9xrxvxDxLx0yayuyAyQy3z0A2A4A6AaA" +
      "cAiAoAsAuAAASA1B3B9BdBrBtB0CuC}C1D3D9DjDrDJDTD<D0E6ESEYEjFPF<F0GcGsGAG*GhHrHtHWI1J3J9JrJDJLJXJ{J0KlLzL+L0MeM9NrN" +
      "vN(N1PRPmQ5RDRLR0S2S4S6SaScSiSqSsSuSASSSUS]S}S1T3T5T9TrTBTHT0UiUSUUU&U]U1V3V9VbVdVrVJVZV0WuW)WfXRX0Y6YmYIYSYUY]Y" +
      "5Zk.S.Y.!.].1-3-9-r-F-V-0:k:M:F+Z+0=4=u=A=G=p^-^+^s!B/[/y*d?J?0&2&6&8&i&q&&&B<H<[<0>2>6>q>S>&>r(^(N[/[8]i]k]o]&]" +
      "]]3{V{X{o}q}:}}}",
    LEVELS,
  ),
);

/** IQ2_S: 1024 vectors of eight magnitudes. */
export const iq2SGrid = lazy(() =>
  unpackGrid(
    "0020406080a0c0e0g0i0k0m0o0s0u0w0y0A0C0E0G0K0M0O0Q0S0U0W0Y0:0=0&0)0}01131517191b1d1f1j1l1r1t1v1x1B1D1F1H1J1N1P1T1" +
      "V1-1+1^1<1(102224262a2c2i2q2s2u2w2y2A2E2S2W2.2=2>21333537393b3d3f3j3l3n3p3r3t3v3x3z3B3D3F3H3J3L3N3T3V3X3Z3-3^3/3" +
      "<3(30424446484a4c4e4g4i4m4o4s4u4w4y4A4C4E4G4K4M4S4U4W4Y4:4=4&41535557595d5r5v5x5B5D5J5T5V5-506264666a6c6e6g6i6m6" +
      "q6s6u6w6y6A6C6E6G6K6M6S6W6=6}6173797b7d7f7j7r7v7x7B7D7J7T7-708a8c8k8o8q8A8*81939597999b9d9f9j9l9n9r9t9v9x9B9D9F9" +
      "H9J9L9N9P9T9V9X9-9^9/9<9(90a2a4a6a8aaacaeagaiakamaoasauawayaAaCaEaGaKaMaSaUaWaYa:a=a1b3b7b9bdbjblbrbvbBbDbTbVb-b" +
      "0c2c4c6cacccecgcicmcocscucwcycAcCcEcGcKcMcScUcWcYc:c=c&c1d3d5d7d9dbdddfdjdldrdtdvdxdBdDdJdTdVd-d0e4e6eaeceieseue" +
      "AeSe}e1f3f5f7f9fdfffjfrftfvfxfBfDfJfTfVf0g2g4g6gagcgigsgugAgQg>g3h9hrhFh0i2i4i6iaicieigiiimiqisiuiAiCiEiMiSi.i=i" +
      "}i1j3j9jbjdjjjrjtjvjBjDjJjTjVj-j0k8kkkokqkukAkYk.k]k1l3l5l7l9ldlfljlllrltlvlxlBlDlJlTlVl-l0m4m6mamcmimsmumAmOmSm" +
      "1n3n9nrnHn0o4oaocosouoAo.o}o1p3p9p^p8qkqMqYq.q1r3r5r7r9rbrdrfrhrjrlrnrrrtrvrxrzrBrDrFrHrJrLrNrTrVr-r^r/r<r(r0s2s" +
      "4s6sascsesgsisksmsssuswsysAsCsEsGsKsMsSsUsWsYs:s=s&s1t3t9tbtdtftltrtvtxtBtDtJtTtVt0u2u4u6u8uaucueuguiukumuousuuu" +
      "wuyuAuCuEuGuKuMuSuUuWuYu:u=u&u1v3v5v7v9vbvdvfvjvlvrvtvvvxvBvDvJvRvTvVv-v0w2w4w6wawcwiwswuwAwSw)w1x3x7x9xbxdxfxjx" +
      "lxrxtxvxxxBxDxJxVx-x0y2y4y6yaycyiysyuyAySy!y1z3z9zrz0A2A4A6AaAcAeAgAiAkAmAoAsAuAwAyAAACAEAGAKAMASAUAWAYA:A=A1B3B" +
      "5B7B9BbBdBfBjBlBrBtBvBxBBBDBJBTBVB-B0C4C6CaCcCiCsCuCACQCSC1D3D5D7D9DbDdDfDjDlDrDtDvDxDBDDDJDTDVD-D0E2E4E6EaEcEiE" +
      "sEuEAESE1F3F9FnFrF0G2G4G6GaGcGiGsGuGAGIGSG1H3H9HrH0IgIWI]I1J3J5J9JbJdJfJjJlJrJvJxJBJDJJJVJ-J0K2K4K6KaKcKiKsKuKAK" +
      "SK*K3L9LrLFL<L0M4M6MaMcMiMsMuMAMSM1N3N9NrNzNPN+N0O=O1P3P9PNP/P0QqQtR<R0S2S4S6SaScSgSiSmSsSuSASCSESGSKSSSWS:S=S1T" +
      "3T7T9TbTdTfTjTlTrTtTvTxTBTDTTTVT-T{T0U4U8UaUcUsUuUAU1V3V5V7V9VbVdVfVjVrVtVvVxVBVDVJVTVVV-V0W2W4W6WaWcWiWsWuWAWSW" +
      ".W1X3X9XpXrX0Y4YaYcYsYuYAY>Y1Z3ZrZNZk.G.I.U.>.1-3-7-9-b-d-f-l-r-t-v-x-B-D-J-T-V---0:4:a:c:s:u:A:I:1+3+9+r+[+0=2=" +
      "4=6=a=c=i=s=u=A=S=!=1^3^9^r^/^<^0!w!M!1/3/9/n/r/{/0*y*C*-?0&4&8&c&k&q&s&u&A&>&}&r<N<2>8>k>o>q>U>Y>.>]>1(3(9(r(Z(" +
      "((0)g)B[8]o]>]D{X{6}8}i}k}o}Y}}}",
    LEVELS,
  ),
);
