// Put into a page before its own scripts: the microphone as it is, without the browser's echo and noise filters, which
// take synthetic speech for noise.
(() => {
    const devices = navigator.mediaDevices;
    if (!devices) return;
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (wish) => open({ ...wish, audio: wish.audio && {
        ...(wish.audio === true ? {} : wish.audio),
        echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
})();
